/** The verbs that may begin a commit subject, in the imperative and in alphabetical order. Add the one that you need. */
export const verbs = `
  accept acknowledge add adopt allow answer apply ask assert attack avoid batch begin believe bind bound break bring build bump bundle cache call
  cap carry change check choose claim clean clear close collect combine compare compute configure confirm convert copy correct count
  cover create cut deal decide decode default defer define delete deny describe detect disable divide document draw drop embed emit enable
  encode end enforce ensure exclude expect expire explain export expose extend extract fail fence fill find finish fit fix flush
  follow format forward freeze generate give go group guard hand handle hash hide hold ignore implement import improve include
  increase index inline install introduce join judge keep kill know leave let limit link list load lock log lower make map mark match
  measure mend merge migrate mix mock move name narrow normalise number observe omit open order pack page parse pass pin plant play
  prevent print prove prune publish pull push put query queue quote raise read rebuild record recover redact reduce refactor
  refuse reject release reload remove rename repair repeat replace replay report request require reset resolve respect restart
  restore restrict resume retain retry return reuse revert rewrite run save say scale search send separate serialise serve set
  share shorten show shrink simplify simulate skip sort speed split stamp start state stop store stream strip support swap
  switch take teach tell test throttle tighten trace track trim truncate try turn type undo unify update upgrade use validate
  verify wait warm warn widen withdraw wrap write
`
  .trim()
  .split(/\s+/)
