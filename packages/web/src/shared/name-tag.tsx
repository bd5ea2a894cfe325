import { shownName } from '@midsentence/client'

const HUES = 8

/** Returns a number for a name, so that its colour is the same everywhere. */
function hueOf(name: string): number {
  let sum = 0
  for (const character of name) sum = (sum * 31 + character.codePointAt(0)!) % 9973
  return sum % HUES
}

/** Shows the name of a participant. Its direction does not change the text around it. */
export const NameTag = ({ name }: { readonly name: string }) => (
  <bdi class={`name hue${hueOf(name)}`}>{shownName(name)}</bdi>
)
