/**
 * Closes one thing after the other, the last first; one that fails does not keep the others open.
 *
 * @throws the first failure, once everything has been closed
 */
export async function closeAll(closers: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of [...closers].reverse()) {
    try {
      await close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
