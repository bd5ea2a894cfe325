import { appendFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { toolDefinitions } from '@midsentence/agent/tools'
import type { PinnedPackage } from './install.ts'
import { anthropicApi } from './model/anthropic-api.ts'
import { geminiApi } from './model/gemini-api.ts'
import type { ModelApi } from './model/model-api.ts'
import { chatApi, responsesApi } from './model/openai-apis.ts'
import type { ToolCall } from './model/scripted-model.ts'

const toolNames = toolDefinitions.map(({ name }) => name)

/** An MCP host as its users run it. */
export interface HostProgram {
  readonly name: string
  /** The name of its model in the room. */
  readonly participant: string
  readonly package: PinnedPackage
  readonly api: ModelApi
  /** Environment variables: the scripted model in place of the host's own, no telemetry, no updates. */
  env(model: string, home: string): Readonly<Record<string, string>>
  /** What its model calls before it can call our tools. */
  readonly opening?: ToolCall
  /** Addresses that it asks for in spite of all switches. */
  readonly asksFor?: RegExp
  /** Starts the server by npx, as users do, instead of the one whose messages are recorded. */
  readonly npx?: true
  /** Files in its home that point it to the scripted model, where the environment cannot. */
  files?(model: string): Readonly<Record<string, string>>
}

export const programs: readonly HostProgram[] = [
  {
    name: 'Claude Code',
    participant: 'Claude',
    package: '@anthropic-ai/claude-code@2.1.332',
    api: anthropicApi,
    env: model => ({
      ANTHROPIC_BASE_URL: model,
      ANTHROPIC_API_KEY: 'none',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
    }),
    // It names the tools of MCP servers to its model, which asks for their descriptions.
    opening: ['ToolSearch', { query: `select:${toolNames.map(name => `mcp__midsentence__${name}`)}` }],
  },
  {
    name: 'Codex',
    participant: 'Codex',
    package: '@openai/codex@0.171.0',
    api: responsesApi,
    env: () => ({ SCRIPTED_KEY: 'none' }),
    files: model => ({
      '.codex/config.toml': `model = "scripted"
model_provider = "scripted"
check_for_update_on_startup = false
[analytics]
enabled = false
[features]
plugins = false
[model_providers.scripted]
name = "Scripted"
base_url = "${model}/v1"
wire_api = "responses"
env_key = "SCRIPTED_KEY"
`,
    }),
  },
  {
    name: 'Gemini CLI',
    participant: 'Gemini',
    package: '@google/gemini-cli@0.61.0',
    api: geminiApi,
    env: model => ({ GOOGLE_GEMINI_BASE_URL: model, GEMINI_API_KEY: 'none', GEMINI_CLI_TRUST_WORKSPACE: 'true' }),
    files: () => ({
      '.gemini/settings.json': JSON.stringify({
        general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
        privacy: { usageStatisticsEnabled: false },
        telemetry: { enabled: false },
        security: { auth: { selectedType: 'gemini-api-key' } },
      }),
    }),
  },
  {
    name: 'OpenCode',
    participant: 'OpenCode',
    package: 'opencode-ai@1.18.33',
    api: chatApi,
    env: () => ({ OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1' }),
    // For the types of plugins, which it puts beside its settings.
    asksFor: /^registry\./,
    files: model => ({
      '.config/opencode/opencode.json': JSON.stringify({
        model: 'scripted/scripted',
        share: 'disabled',
        provider: {
          scripted: {
            npm: '@ai-sdk/openai-compatible',
            options: { baseURL: `${model}/v1`, apiKey: 'none' },
            models: { scripted: { name: 'Scripted', tool_call: true, limit: { context: 100_000, output: 10_000 } } },
          },
        },
      }),
    }),
  },
]

/** Appends to files below a folder, or below the home folder if their path begins with `~/`. */
export async function writeFiles(folder: string, home: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const file = path.startsWith('~/') ? join(home, path.slice(2)) : join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await appendFile(file, text)
  }
}
