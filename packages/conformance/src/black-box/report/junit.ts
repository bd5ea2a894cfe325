import { countOf, type Report, type RuleOutcome } from './report.ts'

/** Writes a report as JUnit XML, with a test case for each rule. */
export function junitOf(report: Report): string {
  const cases = report.outcomes.map(one => {
    const name = `[${one.id}] ${one.title}`
    const head = `  <testcase classname="midsentence.${report.dialect}" name=${quoted(name)} time="${secondsOf(one)}"`
    if (one.outcome === 'pass') return `${head}/>`
    if (one.outcome === 'skipped') return `${head}><skipped message=${quoted(one.reason)}/></testcase>`
    const { why, curl = '' } = one.finding
    return `${head}><failure message=${quoted(why.split('\n')[0]!)}>${escaped(`${why}\n\n${curl}`)}</failure></testcase>`
  })
  const counts = `tests="${report.outcomes.length}" failures="${countOf(report, 'fail')}" errors="0" skipped="${countOf(report, 'skipped')}"`
  const head = `<testsuite name=${quoted(`midsentence conformance of ${report.url}`)} ${counts}`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `${head} time="${report.ms / 1000}" timestamp=${quoted(report.started)}>`,
    `  <properties><property name="seed" value="${report.seed}"/></properties>`,
    ...cases,
    '</testsuite>',
    '',
  ].join('\n')
}

const secondsOf = (one: RuleOutcome): string => String('ms' in one ? one.ms / 1000 : 0)

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
}

/** Escapes text. Characters that XML cannot contain become U+FFFD. */
const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"\r]/g, character => entities[character]!)

const quoted = (text: string): string => `"${escaped(text).replace(/[\n\t]/g, character => entities[character]!)}"`
