// An agent of the Claude Agent SDK takes part by an MCP server in this process.
import { query } from '@anthropic-ai/claude-agent-sdk'
import { AsyncChatRoom } from '@midsentence/client'
import { localRoomClient, mcpServer } from '@midsentence/mcp'

const room = new AsyncChatRoom({ username: 'Claude' })
const server = { type: 'sdk', name: 'midsentence', instance: mcpServer(localRoomClient(room), '1.0.0') }
const options = { mcpServers: { midsentence: server }, allowedTools: ['mcp__midsentence'] }

for await (const message of query({ prompt: 'Take part in the chat room. Say so when you are done.', options }))
  if (message.type === 'result') console.log(message.result)
await room.close()
