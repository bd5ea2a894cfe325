import { shownName } from '@midsentence/client'

const HUES = 8

/** Returns a number for a name, so that its colour is the same everywhere. */
function hueOf(name: string): number {
  // FNV-1a, so that similar names differ.
  let hash = 0x811c9dc5
  for (const character of name) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193) >>> 0
  return ((hash ^ (hash >>> 15)) >>> 0) % HUES
}

/** Shows the name of a participant. Its direction does not change the text around it. */
export const NameTag = ({ name }: { readonly name: string }) => (
  <bdi class={`name hue${hueOf(name)}`}>{shownName(name)}</bdi>
)
