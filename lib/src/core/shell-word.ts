// Words of a POSIX shell (POSIX.1-2017, Shell Command Language, 2.2 Quoting).

/** A text as one word in single quotes. */
export function quotedWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A text as one word for a command that is printed: in quotes only where it needs them. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./][\w@%+=:,./-]*$/.test(text) ? text : quotedWord(text);
}
