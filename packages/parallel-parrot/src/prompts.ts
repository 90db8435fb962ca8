export {
  questionAnswerPairs,
  questionFromDocument,
  removePersonalData,
  sentiment,
  summary,
  titleSummaryPairs,
} from "@parallel-parrot/template";
