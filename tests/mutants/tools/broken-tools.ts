import type { RoomTools, ToolCallOptions, ToolResult } from '@midsentence/agent/tools'
import type { RuleId } from '@midsentence/conformance'
import { codeIn, IssuedCodes } from './issued-codes.ts'

/** A call of a tool, as `RoomTools` takes it. */
type ToolsCall = (name: string, args: Record<string, unknown>, options: ToolCallOptions) => Promise<ToolResult>

/** Makes a bug: returns the call that replaces that of right tools. */
export type ToolsBug = (call: ToolsCall, issued: IssuedCodes) => ToolsCall

/** A bug in otherwise right tools, and the rule that catches it. */
export interface ToolsMutant {
  readonly name: string
  readonly breaks: RuleId
  readonly bug: ToolsBug
}

/** Plants a bug in tools. */
export function withBug({ definitions, call, giveAgain }: RoomTools, bug: ToolsBug): RoomTools {
  const issued = new IssuedCodes()
  const right: ToolsCall = async (name, args, options) => {
    const result = await call(name, args, options)
    issued.add(result.text)
    return result
  }
  const broken = bug(right, issued)
  return {
    definitions,
    call: (name, args, options = {}) => broken(name, args as Record<string, unknown>, options),
    giveAgain,
  }
}

/** Replaces the code of a call. */
const reading =
  (change: (read: unknown, issued: IssuedCodes, name: string) => unknown): ToolsBug =>
  (call, issued) =>
  (name, args, options) =>
    call(name, { ...args, read: change(args.read, issued, name) }, options)

/** Replaces the text of a result. */
const saying =
  (change: (text: string, name: string) => string): ToolsBug =>
  call =>
  async (name, args, options) => {
    const result = await call(name, args, options)
    return { ...result, text: change(result.text, name) }
  }

const without = (pattern: RegExp) => (text: string) => text.replace(pattern, '')

/** The codes of the tools that were made last. */
let previous: IssuedCodes | undefined

export const brokenTools: readonly ToolsMutant[] = [
  {
    name: 'an unknown code acknowledges',
    breaks: 'U1',
    bug: reading((read, issued) => (read === undefined || issued.has(read) ? read : issued.newest)),
  },
  {
    name: "another participant's code acknowledges",
    breaks: 'U1',
    bug: (call, issued) => {
      const others = previous
      previous = issued
      return (name, args, options) => {
        // Of many codes some are the same by chance.
        const areFew = others?.codes.length === 1 && issued.codes.length === 1
        const isForeign = areFew && others.has(args.read) && !issued.has(args.read)
        return call(name, isForeign ? { ...args, read: issued.newest } : args, options)
      }
    },
  },
  {
    name: 'the letters of a code can be guessed',
    breaks: 'U1',
    bug: (call, issued) => async (name, args, options) => {
      const seq = /^(\d+)-aa$/.exec(String(args.read))?.[1]
      const own = issued.codes.find(code => code.split('-')[0] === seq)
      const result = await call(name, { ...args, read: own }, options)
      return { ...result, text: result.text.replace(/Read code: (\d+)-..\.$/, 'Read code: $1-aa.') }
    },
  },
  {
    name: 'a code acknowledges later results',
    breaks: 'U1',
    bug: reading((read, issued) => (issued.has(read) ? issued.newest : read)),
  },
  {
    name: 'a code acknowledges its own result alone',
    breaks: 'U1',
    bug: (call, issued) => {
      const used = new Set<unknown>()
      // It is refused until those before it came too.
      return (name, args, options) => {
        if (args.read !== undefined) used.add(args.read)
        const isFirst = issued.codes.slice(0, issued.codes.indexOf(String(args.read))).every(code => used.has(code))
        return call(name, isFirst ? args : { ...args, read: undefined }, options)
      }
    },
  },
  {
    name: 'an append that shows messages ends with no code',
    breaks: 'U1',
    bug: saying((text, name) => (name === 'append' ? without(/\n\* Read code: \S+$/)(text) : text)),
  },
  {
    name: 'a check takes no code',
    breaks: 'U3',
    bug: reading((read, _, name) => (name === 'check' ? undefined : read)),
  },
  {
    name: 'a push without a code is judged by the newest result',
    breaks: 'U2',
    bug: reading((read, issued, name) => (name === 'push' && read === undefined ? issued.newest : read)),
  },
  {
    name: 'a push is judged by the newest result, also with an older code',
    breaks: 'U2',
    bug: reading((read, issued, name) => (name === 'push' ? issued.newest : read)),
  },
  {
    name: 'a check of the same turn acknowledges what it shows',
    breaks: 'U2',
    bug: call => {
      let checked: string | undefined
      return async (name, args, options) => {
        const result = await call(name, name === 'push' && checked ? { ...args, read: checked } : args, options)
        if (name === 'check') checked = codeIn(result.text)
        return result
      }
    },
  },
  {
    name: 'a cancelled check keeps the messages that come after it',
    breaks: 'U3',
    bug: call => (name, args, options) => {
      const { signal, ...rest } = options
      if (!signal) return call(name, args, options)
      const result = call(name, args, rest)
      const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      return Promise.race([result, aborted])
    },
  },
  {
    name: 'a check with a code shows only what is new',
    breaks: 'U3',
    bug: call => {
      const shown = new Set<string>()
      return async (name, args, options) => {
        const result = await call(name, args, options)
        const lines = result.text.split('\n').filter(line => name === 'push' || !shown.has(line))
        for (const line of result.text.split('\n')) if (line.startsWith('Ada: ')) shown.add(line)
        return { ...result, text: lines.join('\n') }
      }
    },
  },
  {
    name: 'results without a code show everything again',
    breaks: 'U3',
    bug: call => {
      let last = ''
      return async (name, args, options) => {
        const result = await call(name, args, options)
        const again = name === 'preview' || name === 'append' ? last : ''
        if (result.text.startsWith('Ada: ')) last = result.text
        return { ...result, text: [again, result.text].filter(text => text !== '').join('\n') }
      }
    },
  },
  {
    name: 'a second push of the same turn without a code is sent',
    breaks: 'U4',
    bug: call => (name, args, options) => call(name, args, name === 'push' ? { ...options, turn: {} } : options),
  },
  {
    name: 'a push without a code is held by what it was held for in an earlier turn',
    breaks: 'U4',
    bug: call => {
      const turn = {}
      return (name, args, options) => call(name, args, { ...options, turn })
    },
  },
  {
    name: 'a push without a code is not held by what came after it was held',
    breaks: 'U4',
    bug: (call, issued) => {
      let held: unknown
      return async (name, args, options) => {
        const isLater = name === 'push' && held !== undefined && held !== options.turn
        const result = await call(name, isLater ? { ...args, read: args.read ?? issued.newest } : args, options)
        if (name === 'push') held = result.text.includes('* Not sent yet: ') ? options.turn : undefined
        return result
      }
    },
  },
  {
    name: 'a held push shows only what is new',
    breaks: 'U4',
    bug: call => {
      const shown = new Set<string>()
      return async (name, args, options) => {
        const result = await call(name, args, options)
        const isAgain = (line: string) => name === 'push' && args.read === undefined && shown.has(line)
        const lines = result.text.split('\n').filter(line => !isAgain(line))
        for (const line of lines) if (line.startsWith('Ada: ')) shown.add(line)
        return { ...result, text: lines.join('\n') }
      }
    },
  },
  { name: 'empty checks suggest no wait', breaks: 'U5', bug: saying(without(/ with timeout_ms \d+/)) },
  {
    name: 'each empty check suggests the same wait',
    breaks: 'U5',
    bug: saying(text => text.replace(/timeout_ms \d+/, 'timeout_ms 30000')),
  },
]
