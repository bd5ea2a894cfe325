import { AsyncChatRoom } from '@midsentence/client'
import type { Message } from '@midsentence/core'
import { runProgram } from './external-program.ts'

/** A participant in some language. Each action resolves with the lines that its author reads. */
export interface ChatClient {
  readonly name: string
  append(text: string): Promise<readonly string[]>
  push(): Promise<readonly string[]>
  /** Waits for messages, at most this many seconds. */
  check(seconds: number): Promise<readonly string[]>
  close(): Promise<void>
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.split('\n'))

export async function javascriptClient(url: string, name: string, room: string): Promise<ChatClient> {
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

export async function pythonClient(url: string, name: string, room: string): Promise<ChatClient> {
  const { call, close } = pythonExample()
  const act = async (...args: Parameters<typeof call>) => linesOf(String(await call(...args)))
  await call('AsyncChatRoom', url, name, room)
  return {
    name,
    append: text => act('append', text),
    push: () => act('push'),
    check: seconds => act('check', seconds),
    close: async () => {
      await call('close')
      await close()
    },
  }
}

/** Runs one process of curl per action. */
export async function curlClient(url: string, name: string, room: string): Promise<ChatClient> {
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
  const { code, stdout, stderr } = await runProgram('curl', ['-sS', `${url}/rpc`, ...headers, '-d', call]).ended
  if (code !== 0) throw new Error(stderr)
  const { result, error } = JSON.parse(stdout)
  if (error) throw new Error(error.message)
  return result
}

/** Reads lines of JSON, `[name, ...args]`. Calls the class of example 07, a method of the newest object, or a function. */
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
        result = room.name
    else:
        result = getattr(room if hasattr(room, name) else example, name)(*args)
    print(json.dumps(result), flush=True)
`

export interface PythonExample {
  call(name: string, ...args: readonly unknown[]): Promise<unknown>
  close(): Promise<void>
}

/** Loads example 07 as a module in a Python process. */
export function pythonExample(): PythonExample {
  const python = runProgram('python3', ['-B', '-c', driver])
  return {
    call: async (...args) => JSON.parse(await python.ask(JSON.stringify(args))),
    async close() {
      python.finish()
      await python.ended
    },
  }
}
