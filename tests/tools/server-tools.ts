import type { ToolsHarness } from '@midsentence/conformance'
import type { ActionAnswer } from '@midsentence/core'
import { type RunningServer, startServer } from '@midsentence/server'
import { withoutFloors } from './mock-tools.ts'

/** Tools of a participant of a server. */
export interface ServerTools extends Pick<ToolsHarness, 'call' | 'nextTurn' | 'settle'> {
  close(): Promise<void>
}

/** Makes harnesses with tools that reach a server of this process over HTTP. */
export const toolsOfServer =
  (connect: (server: RunningServer) => Promise<ServerTools>) => async (): Promise<ToolsHarness> => {
    const server = await startServer({ port: 0, rooms: { policy: withoutFloors } })
    const ada = await server.hub.join({ username: 'Ada' })
    const tools = await connect(server)
    const heard: string[] = []
    const hear = <A extends ActionAnswer>(answer: A): A => {
      heard.push(...answer.messages.map(({ content }) => content))
      return answer
    }
    return {
      ...tools,
      say: async text => {
        hear(await ada.append({ text }))
        // Messages of the model hold it.
        while (hear(await ada.push()).status === 0);
      },
      sent: async () => {
        hear(await ada.preview())
        return [...heard]
      },
      close: async () => {
        await tools.close()
        await server.close()
      },
    }
  }
