/** Every text that a model reads, for docs/models.md. Internal: not published. */
export {
  buildPrompt,
  emptyText,
  hushEndedText,
  missedText,
  omittedText,
  quietText,
  reviewText,
  systemText,
} from './loop/prompt.ts'
export { PromptHistory } from './loop/prompt-history.ts'
export { failureText, resultText, type ToolData } from './tools/result-text.ts'
