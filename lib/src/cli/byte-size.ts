// Byte sizes in a readable form.

/** Bytes as `812 B`, `48.9 kB`, `2.4 MB` or `1.6 GB`, in steps of 1000. */
export function byteSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const power = Math.min(3, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(1)} ${['B', 'kB', 'MB', 'GB'][power] ?? 'GB'}`;
}
