/** Returns the read code that a text ends with. */
export const codeIn = (text: string): string | undefined => /Read code: (\S+)\.$/.exec(text)?.[1]

/** The codes that the results of one participant ended with, oldest first. */
export class IssuedCodes {
  readonly #codes: string[] = []

  get codes(): readonly string[] {
    return this.#codes
  }

  get newest(): string | undefined {
    return this.#codes.at(-1)
  }

  has(read: unknown): boolean {
    return this.#codes.includes(String(read))
  }

  add(text: string): void {
    const code = codeIn(text)
    if (code !== undefined && !this.has(code)) this.#codes.push(code)
  }
}
