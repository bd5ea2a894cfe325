/** Describes what a user can type in `midsentence chat`. */
export const inputHelp = `  some text     Enter adds the line to your draft. Nobody else sees the draft.
  (nothing)     Enter on an empty line sends the draft as one message.
  /push         Sends the draft.
  /undo         Removes the last line from the draft.
  /reset        Empties the draft.
  /preview      Shows the draft as it would be sent.
  /check        Shows new messages.
  /who          Shows who is here.
  /help         Shows this list.
  /quit         Leaves the room.
  //text        Adds a line that begins with a slash.
`
