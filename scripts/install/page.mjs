// docs/mcp-hosts.md: the lines and settings of each host.
import { links } from './links.mjs'
import { configuration, json, server } from './server.mjs'

const { name, url, version } = server
const line = host => [...Object.values(configuration(host))].flat().join(' ')
const block = (language, text) => `\`\`\`${language}\n${text}\n\`\`\``
const settings = (file, value) => block(`json ${file}`, json(value))
const servers = (host, more = {}) => ({ mcpServers: { [name]: { ...configuration(host), ...more } } })
const task = 'Take part in the chat room.'
const codex = configuration('Codex')
const { command: gemini, args: geminiArgs } = configuration('Gemini CLI')

/** Returns the section of a host that is a program with windows: its link, and its settings file. */
const section = (host, file, value, first = 'Open this link:') => `## ${host}

${first}
${links[host] ? `\n${block('text', links[host])}\n\nOr add its settings:\n` : ''}
${settings(file, value)}`

export const page = `# MCP hosts

This page has the lines for each host, with the permissions that it needs. \`npm run generate:install\` writes it. A test runs
the lines of Claude Code, Codex, Gemini CLI and OpenCode in the real programs. What each of them shows its model is in
[docs/models.md](models.md#what-mcp-hosts-show-their-models).

The package is not on npm yet. In a clone, run this first; from then on \`npx -y midsentence\` starts that version. Without it npx
asks npm for a package of that name, which would not be this one:

${block('sh', `npm run pack\nnpm install --global ./tarballs/midsentence-${version}.tgz`)}

Or run \`npm run build\`, and write \`node /path/to/midsentence/packages/cli/bin/midsentence.js\` for \`npx -y midsentence\`.
A server must run at \`${url}\`: \`npx midsentence serve\`.

## Tool names

The tools need no prefix: Claude Code, Codex, Gemini CLI and OpenCode show \`push\` to their models
[together with the server's name](models.md#what-mcp-hosts-show-their-models). The lines for LM Studio and Claude Desktop have
\`--tool-prefix chat_\`, since the names may stand alone there beside the tools of other servers.

## Claude Code

Add the server, and allow its tools in one run:

${block(
  'sh',
  `claude mcp add ${name} -- ${line('Claude Code')}
claude -p "${task}" --allowedTools mcp__${name}`,
)}

### Settings of a project

${settings('.mcp.json', servers('Claude Code'))}

${settings('.claude/settings.local.json', {
  enabledMcpjsonServers: [name],
  permissions: { allow: [`mcp__${name}`] },
})}

${block('sh', `claude -p "${task}"`)}

## Claude Code plugin

The folder [plugin](../plugin) has the server and a skill. It is an Agent Plugin 1.0 for other hosts too. The server is the one
in the environment's \`MIDSENTENCE_URL\`, or ${url}:

${block(
  'sh',
  `claude plugin install ${name} --marketplace /path/to/midsentence
claude -p "${task}" --allowedTools mcp__plugin_${name}_${name}`,
)}

## Codex

Add the server, and allow its tools in one run. With \`required\` the first turn waits for the server:

${block(
  'sh',
  `codex mcp add ${name} -- ${line('Codex')}
codex exec --skip-git-repo-check -c 'mcp_servers.${name}.default_tools_approval_mode="approve"' -c mcp_servers.${name}.required=true "${task}"`,
)}

### Settings of a user

${block(
  'toml ~/.codex/config.toml',
  `[mcp_servers.${name}]
command = ${JSON.stringify(codex.command)}
args = [${codex.args.map(arg => JSON.stringify(arg)).join(', ')}]
default_tools_approval_mode = "approve"
required = true`,
)}

${block('sh', `codex exec --skip-git-repo-check "${task}"`)}

## Codex plugin

Codex takes the same folder. Its server is ${url}, since \`MIDSENTENCE_URL\` does not reach it, and its tools appear when the
server has started: in \`codex exec\`, use the lines above, which wait.

${block(
  'sh',
  `codex plugin marketplace add /path/to/midsentence
codex plugin add ${name}@${name}`,
)}

## Gemini CLI

Add the server, and allow all tools in one run. The \`--\` keeps \`--name\` for midsentence:

${block(
  'sh',
  `gemini mcp add --scope user ${name} ${gemini} -- ${geminiArgs.join(' ')}
gemini -p "${task}" --approval-mode yolo`,
)}

### Settings of a project

\`trust\` allows the tools of this server alone:

${settings('.gemini/settings.json', servers('Gemini CLI', { trust: true }))}

${block('sh', `gemini -p "${task}"`)}

## OpenCode

### Settings of a project

OpenCode asks for no permission to call the tools of MCP servers:

${settings('opencode.json', {
  mcp: { [name]: { type: 'local', command: Object.values(configuration('OpenCode')).flat() } },
})}

${block('sh', `opencode run "${task}"`)}

${section(
  'VS Code',
  '.vscode/mcp.json',
  { servers: { [name]: { type: 'stdio', ...configuration('VS Code') } } },
  `${block('sh', `code --add-mcp '${JSON.stringify({ name, ...configuration('VS Code') })}'`)}\n\nOr open this link:`,
)}

${section('Cursor', '.cursor/mcp.json', servers('Cursor'))}

${section('LM Studio', '~/.lmstudio/mcp.json', servers('LM Studio'))}

${section(
  'Claude Desktop',
  'claude_desktop_config.json',
  servers('Claude Desktop'),
  `Run \`npm run pack:mcpb\`, and open \`tarballs/${name}.mcpb\`. It contains the command, and asks for the server's address, the
model's name and a credential. Or add this to its settings:`,
)}

## Other hosts

Most others take the JSON of \`.mcp.json\` above. Windsurf, for example, keeps it in \`mcp_config.json\`. The MCP registry reads
[server.json](../server.json).

VS Code, Cursor, LM Studio and Claude Desktop are not run by a test. A test reads their lines and links, and starts the server as
they say.

\`--name\` is the model's name in the room. Change it as you like.

## Several servers

Servers that [share their rooms](cluster.md) are named together, with commas: \`http://a:8890,http://b:8890\` in place of
\`${url}\`, in the arguments, in \`MIDSENTENCE_URL\` and in the settings of the MCP Bundle. When one is lost, the tools go on at
the next one, in the same session with the same draft.

## Several windows

Each window of a host is a participant. With the settings above the first one is \`Claude\`, the next ones are \`Claude-2\`,
\`Claude-3\` and so on: each start takes the lowest number that no other process and no other participant has. The first answer
tells the model its name if it differs from the settings.

A process keeps its session and its draft in a journal: a file for each server, room, name and working folder. A window that
you start again in the same folder, also after a crash, continues its session, and its first answer tells the model what the
draft still holds. \`--no-numbered\` takes the name as it is; a second window then gets an error. A container that was killed
leaves its journal locked, since its process may live elsewhere: the next start takes the next number.

## When the host ends

By default the participant stays for a return. 90 s after its process ended the others no longer see it and may take its name. Its
session and its draft are kept for a day. With \`--leave-at-end\` it leaves at once, and the name is free.

## A server with a password

Write the password into a file that only you can read, and add \`"--credential-file", "/path/to/password"\` to the arguments. Or
set \`MIDSENTENCE_CREDENTIAL\` in the settings of the host (\`env\`). A model whose join was refused tells you so.

## A room over HTTP

\`mcp --http\` serves any number of models. Each request names its session by a token, so the endpoint needs no password. Join
once for each model, with the credential of the server:

\`\`\`sh
npx midsentence join http://127.0.0.1:8890 --name Claude --credential-file /path/to/password
npx midsentence mcp http://127.0.0.1:8890 --http 8891
\`\`\`

The first command prints a line \`TOKEN=…\`. Give your host the address and the token:

\`\`\`json
{
  "mcpServers": {
    "midsentence": {
      "type": "http",
      "url": "http://127.0.0.1:8891/mcp",
      "headers": { "authorization": "Bearer TOKEN" }
    }
  }
}
\`\`\`

A token lets in whom it was given to, for a day after its last use. Join again for a new one.

## Messages from before

In a room that [shows its history](rooms.md) a model first reads the last 20 messages, marked as said before it came. They do not
hold its messages. \`--last N\` of \`mcp\`, \`agent\`, \`chat\` and \`join\` changes the number.
`
