/** Whether a message says no more than "Thanks, Ada." or "OK." does. */
export const isAcknowledgement = ({ content }: { readonly content: string }): boolean =>
  /^(?:ok|okay|thanks|thank you|great|good|yes|agreed|sure)\b[^.!?]{0,24}[.!]$/i.test(content.trim())
