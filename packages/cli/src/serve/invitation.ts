import { waysIn } from '@midsentence/server'
import type { Palette } from '../demo/palette.ts'

/** How to join `room`, to be read and pasted: nothing stands before the lines that are to be pasted. */
export function invitation(url: string, room: string, { dim, bold }: Palette): string {
  const { code, curl, terminal } = waysIn(url, room)
  const blocks = [
    ['As a person', 'in another terminal, in this folder', terminal],
    ['With code', 'in this folder', code],
    ['With curl', 'from anywhere', curl],
  ] as const
  const shown = blocks.map(([how, where, lines]) => `${bold(how)} ${dim(`(${where})`)}\n\n${lines}\n`)
  return `\nJoin the room ${room}. Paste one of these, or all of them:\n\n${shown.join('\n')}\n`
}
