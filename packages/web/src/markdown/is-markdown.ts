/** Signs that mean something in Markdown, and addresses, which become links. */
const signs = /[*_`~#>|[]|^[ \t]*[-+][ \t]|^[ \t]*\d{1,9}[.)][ \t]|https?:\/\/|www\.|\S@\S|^[-=]{3,}|^ {4}|\\/m

/** Whether Markdown would show `text` as anything but its characters. */
export const isMarkdown = (text: string): boolean => signs.test(text)
