// The command line up to its actions: what commander makes of the arguments, without doing anything.
import { Command } from 'commander';
import { runCommandLine, type CommandOutcome } from '../fixtures/command-line.js';

/** A command as commander read it. */
export interface ParsedCommand extends CommandOutcome {
  /** e.g. `notebook run`; null when it was not understood. */
  name: string | null;
  /** Values by the name of the argument or option. */
  values: Record<string, unknown>;
}

/** Parses a command with every check of its arguments and options; its action is not called. */
export async function parseCommandLine(...args: string[]): Promise<ParsedCommand> {
  const parsed: Pick<ParsedCommand, 'name' | 'values'> = { name: null, values: {} };
  // Commander's own method, replaced for as long as this takes: the commands are built anew by each call of the command line.
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const original = Command.prototype.action;
  Command.prototype.action = function (this: Command) {
    return original.call(this, () => {
      const parent = this.parent?.parent ? `${this.parent.name()} ` : '';
      parsed.name = parent + this.name();
      const given = this.registeredArguments.map(
        (argument, i) => [argument.name(), this.processedArgs[i]] as const,
      );
      parsed.values = { ...Object.fromEntries(given), ...this.opts() };
    });
  };
  try {
    return { ...(await runCommandLine(...args)), ...parsed };
  } finally {
    Command.prototype.action = original;
  }
}
