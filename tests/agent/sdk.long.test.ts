import { test } from 'vitest'
import { sdkFolder } from './sdk-folder.ts'
import { expectProgramSpeaks, type SdkApi } from './sdk-program.ts'

const { folder, missing } = await sdkFolder('The SDKs of examples/sdk')

const programs: Readonly<Record<string, SdkApi>> = {
  'ai-sdk.mjs': 'chat',
  'anthropic.mjs': 'anthropic',
  'google-genai.mjs': 'gemini',
  'langchain.mjs': 'chat',
  'openai-agents.mjs': 'responses',
  'openai-chat.mjs': 'chat',
  'openai-responses.mjs': 'responses',
}

test.skipIf(missing).each(Object.entries(programs))(
  '%s with the real SDK: parallel calls take effect in order',
  (file, api) => expectProgramSpeaks(process.execPath, folder, file, api),
)
