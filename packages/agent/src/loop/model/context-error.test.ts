import { expect, test } from 'vitest'
import { isContextError } from './context-error.ts'

// As the endpoints word them: github.com/ggml-org/llama.cpp 15780 and 19774, vllm-project/vllm 20409, ollama/ollama,
// lmstudio-ai/lmstudio-bug-tracker 546, anomalyco/opencode 11141 and 6071, sgl-project/sglang 8096, refly-ai/refly 1177,
// anthropics/claude-code 408.
test.each([
  "This model's maximum context length is 8192 tokens. However, your messages resulted in 8227 tokens. Please reduce the length of the messages.",
  '{"error":{"message":"x","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}',
  'Your input exceeds the context window of this model. Please adjust your input and try again.',
  'request (4390 tokens) exceeds the available context size (4096 tokens), try increasing it',
  'the request exceeds the available context size. try increasing the context size or enable context shift',
  '{"error":{"code":400,"message":"x","type":"exceed_context_size_error","n_prompt_tokens":14429,"n_ctx":8192}}',
  'Context size has been exceeded.',
  "This model's maximum context length is 16384 tokens. However, you requested 122946 tokens (112946 in the messages, 10000 in the completion).",
  'The decoder prompt (length 12324) is longer than the maximum model length of 8192.',
  'the input length exceeds the context length',
  'Trying to keep the first 7866 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough.',
  'Trying to keep the first 4000 tokens when context overflows.',
  'Cannot truncate prompt with n_keep (15028) >= n_ctx (7424)',
  "The input (85050 tokens) is longer than the model's context length (32768 tokens).",
  "This endpoint's maximum context length is 32768 tokens. However, you requested about 42832 tokens (42832 of text input).",
  'prompt is too long: 210000 tokens > 200000 maximum',
  'input length and `max_tokens` exceed context limit: 189136 + 20000 > 204648, decrease input length or `max_tokens` and try again',
])('a context that is full: %s', text => {
  expect(isContextError(text)).toBe(true)
})

test.each([
  'Rate limit reached for gpt-4 on tokens per min. Limit 10000, used 9000.',
  'Invalid value for max_tokens: it must be at least 1.',
  'The context of your account is unknown.',
  'model "llama" not found, try pulling it first',
  'Unsupported parameter: context_length',
  'Request too large: at most 10 MB.',
])('another error: %s', text => {
  expect(isContextError(text)).toBe(false)
})
