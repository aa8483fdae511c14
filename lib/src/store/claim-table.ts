// The state that the log of claims adds up to: every process that reads the same log gets the same order.
import { parseJson } from '../core/jsonl.js';
import { processIdentitySchema, type ProcessIdentity } from '../core/process-identity.js';

/** Digits of a member's id and of what stands for a name. */
export const MEMBER_DIGITS = 8;
export const CLAIM_DIGITS = 22;
/** With more changes than this, all claims count as released by others. */
const MOST_CHANGES = 10_000;

/** What a record of the log says: joined, left, claimed, released. */
export type ClaimRecord =
  | { kind: 'joined'; member: string; process: ProcessIdentity }
  | { kind: 'left'; member: string }
  | { kind: 'claimed' | 'released'; member: string; claim: string };

/** A record as a line, without its end. */
export function encodeRecord(record: ClaimRecord): string {
  switch (record.kind) {
    case 'joined':
      return `J${record.member}${JSON.stringify(record.process)}`;
    case 'left':
      return `L${record.member}`;
    case 'claimed':
      return `C${record.member}${record.claim}`;
    case 'released':
      return `R${record.member}${record.claim}`;
  }
}

/** The record of a line; null for an incomplete one. */
export function decodeRecord(line: string): ClaimRecord | null {
  const member = line.slice(1, 1 + MEMBER_DIGITS);
  const rest = line.slice(1 + MEMBER_DIGITS);
  const kind = line[0];
  if (member.length < MEMBER_DIGITS) return null;
  if (kind === 'C' || kind === 'R') {
    if (rest.length !== CLAIM_DIGITS) return null;
    return { kind: kind === 'C' ? 'claimed' : 'released', member, claim: rest };
  }
  if (kind === 'L') return rest === '' ? { kind: 'left', member } : null;
  if (kind !== 'J') return null;
  const parsed = parseJson(rest, processIdentitySchema);
  return parsed.ok ? { kind: 'joined', member, process: parsed.value } : null;
}

/** The state that the records of a log add up to, as one member sees it. */
export class ClaimTable {
  readonly #self: string;
  readonly #members = new Map<string, ProcessIdentity>();
  /** Claimants in the order of the log; the first holds it. */
  readonly #claimants = new Map<string, string[]>();
  /** Claims that others released since this process last read what they have put; null: too many to list. */
  #changes: Set<string> | null = new Set();
  /** Claims whose results a reading that is under way takes in. */
  #beingLookedAt: Set<string> | null = new Set();

  constructor(self: string) {
    this.#self = self;
  }

  /** Members that joined and are not known to have left or ended. */
  get members(): ReadonlyMap<string, ProcessIdentity> {
    return this.#members;
  }

  /** Applies the next record. */
  apply(record: ClaimRecord): void {
    switch (record.kind) {
      case 'joined':
        this.#members.set(record.member, record.process);
        break;
      case 'left':
        this.remove(record.member);
        break;
      case 'claimed': {
        const claimants = this.#claimants.get(record.claim);
        if (claimants === undefined) this.#claimants.set(record.claim, [record.member]);
        else if (!claimants.includes(record.member)) claimants.push(record.member);
        break;
      }
      case 'released':
        this.#release(record.claim, record.member);
        break;
    }
  }

  #release(claim: string, member: string): void {
    if (member !== this.#self) this.#noteChange(claim);
    const claimants = this.#claimants.get(claim);
    const at = claimants?.indexOf(member) ?? -1;
    if (claimants === undefined || at < 0) return;
    if (claimants.length === 1) this.#claimants.delete(claim);
    else claimants.splice(at, 1);
  }

  /** A member left or ended: its claims are released, and it may have put something before that. */
  remove(member: string): void {
    this.#members.delete(member);
    for (const claim of this.claimsOf(member)) this.#release(claim, member);
  }

  /** What a member claimed and did not release. */
  claimsOf(member: string): string[] {
    const claims: string[] = [];
    for (const [claim, claimants] of this.#claimants) if (claimants.includes(member)) claims.push(claim);
    return claims;
  }

  /** The member that holds a claim, or null. */
  holderOf(claim: string): string | null {
    return this.#claimants.get(claim)?.[0] ?? null;
  }

  /** Whether another process may have put results of this claim since the last reading that has ended. */
  mayHaveChanged(claim: string): boolean {
    return [this.#changes, this.#beingLookedAt].some((names) => names?.has(claim) ?? true);
  }

  /** A reading of what others have put begins: what they release from now on is for the next one. One at a time. */
  startLook(): void {
    this.#beingLookedAt = this.#changes;
    this.#changes = new Set();
  }

  /** The reading has ended. @param hasFailed its changes are left to the next one */
  endLook({ hasFailed }: { hasFailed: boolean }): void {
    this.#beingLookedAt = new Set();
    if (hasFailed) this.changeAll();
  }

  /** From now on everything counts as changed. */
  changeAll(): void {
    this.#changes = null;
  }

  #noteChange(claim: string): void {
    this.#changes?.add(claim);
    if (this.#changes !== null && this.#changes.size > MOST_CHANGES) this.changeAll();
  }

  /** Forgets all records, as for an emptied log; earlier changes still count. */
  clear(): void {
    this.#members.clear();
    this.#claimants.clear();
  }
}
