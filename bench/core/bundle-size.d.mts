export function bundle(contents: string): Promise<{ bytes: number; modules: string[]; imports: string[] }>
export const everything: string
export const draftAlone: string
