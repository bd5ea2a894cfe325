import { inLine, nameInSentence } from '@midsentence/client'
import type { ToolName } from './definitions.ts'
import type { ToolData } from './result-text.ts'

/** What a participant starts with. */
export interface StartState {
  readonly name: string
  /** The name that the settings ask for. Default: its own. */
  readonly askedName?: string | undefined
  /** The end of its draft, or all of it. Empty without a draft. */
  readonly suffix: string
  /** Segments of the draft, if they are known. */
  readonly segments?: number
}

/** Tells a model in its first result what it cannot know: its name, if the one it asked for was taken, and a draft from before. */
export class StartNotices {
  #name: string
  #draft: string

  constructor({ name, askedName = name, suffix, segments }: StartState) {
    this.#name =
      name === askedName ? '' : `You are ${nameInSentence(name)} here: ${nameInSentence(askedName)} is taken.`
    const isEmpty = segments === undefined ? suffix === '' : segments === 0
    const count = segments === 1 ? '1 segment' : `${segments} segments`
    const isThere = segments === undefined ? 'is still there' : `still holds ${count}`
    const end = suffix === '' ? '' : `, ending with "${inLine(suffix)}"`
    this.#draft = isEmpty ? '' : `Your draft from before ${isThere}${end}; reset discards it.`
  }

  /** Returns the sentences for a result. A draft that the call changed otherwise than by adding to it is left out. */
  of(tool: ToolName, data: ToolData): readonly string[] {
    const isKept = tool !== 'preview' && tool !== 'undo' && tool !== 'reset' && !('seq' in data)
    return [this.#name, isKept ? this.#draft : ''].filter(sentence => sentence !== '')
  }

  /** A result has shown them. */
  clear(): void {
    this.#name = this.#draft = ''
  }
}
