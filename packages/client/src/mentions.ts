/** Returns a pattern that finds `name` as a whole word, in any case, everywhere in a text. */
export const mentionPattern = (name: string): RegExp =>
  new RegExp(`(?<![\\p{L}\\p{N}_])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\p{L}\\p{N}_])`, 'giu')

/** Whether `content` holds `name` as a whole word, in any case. */
export const mentions = (content: string, name: string): boolean => mentionPattern(name).test(content)
