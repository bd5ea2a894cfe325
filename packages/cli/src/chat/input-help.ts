/** What one may type. */
export const inputHelp = `  some text     Enter adds the line to your draft. Nobody sees it yet.
  (nothing)     Enter on an empty line sends the draft as one message.
  /push         The same.
  /undo         Takes back the last line.
  /reset        Throws the draft away.
  /preview      Shows the draft: exactly what would be sent.
  /check        Asks whether there is anything new.
  /who          Says who is here.
  /help         Shows this.
  /quit         Leaves.
  //text        Adds a line that begins with a slash.
`
