import { AsyncChatRoom } from '@midsentence/client'
import type { Message } from '@midsentence/core'
import { foreign } from './foreign.ts'

/** Somebody who takes part, in whatever language: an action gives the lines that its author reads. */
export interface Voice {
  readonly name: string
  append(text: string): Promise<readonly string[]>
  push(): Promise<readonly string[]>
  /** Waits for messages, at most so many seconds. */
  check(seconds: number): Promise<readonly string[]>
  close(): Promise<void>
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.split('\n'))

export async function javascriptVoice(url: string, name: string, room: string): Promise<Voice> {
  const chatroom = new AsyncChatRoom({ url, username: name, room })
  await chatroom.participant()
  return {
    name,
    append: async text => linesOf(await chatroom.append(text)),
    push: async () => linesOf(await chatroom.push()),
    check: async seconds => linesOf(await chatroom.check({ timeout_ms: seconds * 1000 })),
    close: () => chatroom.close(),
  }
}

export async function pythonVoice(url: string, name: string, room: string): Promise<Voice> {
  const { call, close } = pythonExample()
  const said = async (...calling: Parameters<typeof call>) => linesOf(String(await call(...calling)))
  await call('AsyncChatRoom', url, name, room)
  return {
    name,
    append: text => said('append', text),
    push: () => said('push'),
    check: seconds => said('check', seconds),
    close: async () => {
      await call('close')
      await close()
    },
  }
}

/** Every action is a process of its own. */
export async function curlVoice(url: string, name: string, room: string): Promise<Voice> {
  const { token } = await curl(url, '', 'join', { username: name, room })
  const act = async (method: string, params: object = {}) => {
    const { messages = [], held } = await curl(url, String(token), method, params)
    const lines = messages.map(({ sender_id, content }) => `${sender_id}: ${content}`)
    return held ? [...lines, '* Not sent yet'] : lines
  }
  return {
    name,
    append: text => act('append', { text }),
    push: () => act('push'),
    check: seconds => act('check', { timeout_ms: seconds * 1000 }),
    close: async () => void (await act('leave')),
  }
}

interface Result {
  readonly token?: string
  readonly messages?: readonly Message[]
  readonly held?: boolean
}

async function curl(url: string, token: string, method: string, params: object): Promise<Result> {
  const headers = ['content-type: application/json', `authorization: Bearer ${token}`].flatMap(line => ['-H', line])
  const call = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const { code, stdout, stderr } = await foreign('curl', ['-sS', `${url}/rpc`, ...headers, '-d', call]).ended
  if (code !== 0) throw new Error(stderr)
  const { result, error } = JSON.parse(stdout)
  if (error) throw new Error(error.message)
  return result
}

/** What a line of JSON names is called in example 07: its class, an action of the object made last, or a function. */
const driver = `
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location('example', 'examples/07_async_chat_room.py')
example = importlib.util.module_from_spec(spec)
spec.loader.exec_module(example)
room = None
for line in sys.stdin:
    name, *args = json.loads(line)
    if name == 'AsyncChatRoom':
        room = example.AsyncChatRoom(*args)
        said = room.name
    else:
        said = getattr(room if hasattr(room, name) else example, name)(*args)
    print(json.dumps(said), flush=True)
`

export interface PythonExample {
  call(name: string, ...args: readonly unknown[]): Promise<unknown>
  close(): Promise<void>
}

/** Example 07 as a module, at work. */
export function pythonExample(): PythonExample {
  const python = foreign('python3', ['-B', '-c', driver])
  return {
    call: async (...line) => JSON.parse(await python.ask(JSON.stringify(line))),
    async close() {
      python.finish()
      await python.ended
    },
  }
}
