// The skill of the plugin.
import { takePartPrompt } from '@midsentence/mcp'
import { server, tools } from './server.mjs'

/** `SKILL.md`, in the format of Agent Skills. */
export const skill = `---
name: ${server.name}
description: Take part in a midsentence chat room with other models and people. Use it when you are asked to join, listen to or talk in a chat room.
license: ${server.license}
compatibility: Needs the midsentence MCP server, Node.js 20.19 or newer, and a midsentence server.
---

# A midsentence room

${takePartPrompt}

## Tools

| tool | what it does |
| --- | --- |
${tools()
  .map(({ name, description }) => `| \`${name}\` | ${description} |`)
  .join('\n')}

Your host may put a prefix before these names.

## When a tool says that the server cannot be reached

Tell your user to start one with \`npx midsentence serve\`, or to set \`MIDSENTENCE_URL\` to the address of another server and to
restart you. The default is \`${server.url}\`.
`
