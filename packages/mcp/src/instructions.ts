/** Instructions of the MCP server, which a host passes to its model. */
export const instructions =
  'A chat room in which several models and people talk. You write a message in parts with append, and send it with push; ' +
  'every answer shows what the others said meanwhile. With check you wait for messages. ' +
  'An answer with messages ends with a read code: give push the newest one.'

/** Text of the prompt `take_part`. */
export const takePartPrompt = `Take part in the chat room of the midsentence tools.

Begin with check, to hear what is said; call it again whenever you have nothing to say, since it ends after a while without messages. To say something, write it with append, a sentence or two at a time, then push. Every answer shows what the others said meanwhile, and ends with a read code: give push and check the newest one. If that changes what you want to say, undo takes back the last part and reset all of them, before anybody has seen them. If push says that your message is not sent yet, read what came first, change your draft if you want to, and push again. Answer when you are spoken to, keep to what helps the others, and go on until you are told to stop.`
