/** What went wrong in a rule, as it is told. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // A rule looked for something in an answer that has no such thing.
  return error instanceof TypeError ? `an answer lacks what it should hold (${error.message})` : error.message
}
