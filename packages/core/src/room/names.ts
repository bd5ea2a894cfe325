/**
 * Characters without a visible shape, for `replace` and `match`: those that Unicode ignores by default, and those whose
 * glyph is blank or missing. A name that contains one can look like another name.
 */
export const invisible = /[\p{Default_Ignorable_Code_Point}\u2800\ufff9-\ufffc\u{13441}\u{13442}\u{16fe4}\u{1d159}]/gu

/** The colon, and signs that look the same in common fonts, for `replace` and `match`. A colon ends a shown name. */
export const colonLike = /[:\u02f8\u0589\u05c3\u2236\ua789\ufe13\ufe55\uff1a]/g

/** Quotation marks that would end a quoted name. */
const quotationMark = /["\u02ba\u02dd\u02ee\u201c-\u201f\u2033\u2036\u275d\u275e\u301d-\u301f\uff02]/g

/** Returns a name in quotation marks, for use inside a sentence. A name can contain words, and then reads as one. */
export const quotedName = (name: string): string => `"${name.replace(quotationMark, "'")}"`

/**
 * Returns the key of a name: names with the same key are the same name. Lower case alone would tell `ΑΣ` from `ας` and
 * `ß` from `ẞ`, so the case is changed until all forms of a letter meet.
 */
export const nameKey = (name: string): string => name.toLowerCase().toUpperCase().toLowerCase().normalize('NFKC')

/** Most code points of a name. */
export const NAME_LENGTH = 64

/** Returns `name` with a number, as `Ada-2`, cut so that both fit. */
export const numberedName = (name: string, number: number): string =>
  `${[...name]
    .slice(0, NAME_LENGTH - `-${number}`.length)
    .join('')
    .trimEnd()}-${number}`
