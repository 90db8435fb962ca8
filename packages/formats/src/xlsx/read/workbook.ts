import { posix } from "node:path";
import type { DateSystem } from "../serial-date.ts";
import { kindOfBuiltIn, kindOfCode, type NumberKind } from "./number-formats.ts";
import { attributeIn, XmlParser, type XmlHandler } from "./xml-parser.ts";
import type { ZipArchive } from "./zip-archive.ts";

/** What a workbook says about its sheets. */
export interface Workbook {
  readonly dateSystem: DateSystem;
  /** Its sheets of cells, in their order; others are charts. */
  readonly sheets: readonly SheetPart[];
  /** The part with the texts of cells, where there is one. */
  readonly sharedTexts: string | undefined;
  /** What numbers stand for, by the number of a cell's style. */
  readonly kinds: readonly NumberKind[];
}

export interface SheetPart {
  readonly name: string;
  /** The name of its part in the file. */
  readonly part: string;
}

/** What is read of parts whose whole text is in memory: far more than any workbook has there. */
const MAX_PART_BYTES: number = 64 * 2 ** 20;

/** Reads what a workbook says about its sheets. @throws Error where the file is none */
export async function readWorkbook(archive: ZipArchive): Promise<Workbook> {
  const root = await readRelations(archive, "");
  const path = root.find(({ type }) => type === "officeDocument")?.target ?? "xl/workbook.xml";
  requireSheets(archive, path);
  const relations = await readRelations(archive, path);
  const partOf = (type: string): string | undefined => relations.find((each) => each.type === type)?.target;
  const sheetParts = new Map(
    relations.filter(({ type }) => type === "worksheet").map(({ id, target }) => [id, target]),
  );
  const sheets: SheetPart[] = [];
  let dateSystem: DateSystem = "1900";
  await parsePart(archive, path, {
    open(tag, attributes) {
      if (tag === "workbookPr" && isTrue(attributes["date1904"])) dateSystem = "1904";
      if (tag !== "sheet") return;
      const part = sheetParts.get(attributeIn(attributes, "id") ?? "");
      if (part !== undefined) sheets.push({ name: attributes["name"] ?? "", part });
    },
  });
  const styles = partOf("styles");
  return {
    dateSystem,
    sheets,
    sharedTexts: partOf("sharedStrings"),
    kinds: styles === undefined ? [] : await readKinds(archive, styles),
  };
}

function requireSheets(archive: ZipArchive, path: string): void {
  if (path.endsWith(".bin")) throw new Error("it is a binary workbook (.xlsb); save it as .xlsx");
  if (archive.has("content.xml")) throw new Error("it is a document of OpenOffice (.ods); save it as .xlsx");
  if (!archive.has(path)) throw new Error("it is a zip file and not a workbook of Excel");
}

interface Relation {
  readonly id: string;
  /** The last word of its type: namespaces differ. */
  readonly type: string;
  /** The name of the part that it leads to. */
  readonly target: string;
}

/** The parts that a part refers to; those of the whole file for an empty name. */
async function readRelations(archive: ZipArchive, part: string): Promise<readonly Relation[]> {
  const folder = part === "" ? "" : posix.dirname(part);
  const path = posix.join(folder, "_rels", `${posix.basename(part)}.rels`);
  const relations: Relation[] = [];
  if (!archive.has(path)) return relations;
  await parsePart(archive, path, {
    open(tag, attributes) {
      const { Id: id = "", Type: type = "", Target: target = "", TargetMode: mode } = attributes;
      if (tag !== "Relationship" || mode === "External") return;
      const resolved = target.startsWith("/") ? target.slice(1) : posix.join(folder, target);
      relations.push({ id, type: posix.basename(type), target: resolved });
    },
  });
  return relations;
}

/** What the numbers of each cell style stand for. */
async function readKinds(archive: ZipArchive, part: string): Promise<readonly NumberKind[]> {
  const codes = new Map<number, NumberKind>();
  const kinds: NumberKind[] = [];
  let isOfCells = false;
  await parsePart(archive, part, {
    open(tag, attributes) {
      const id = Number(attributes["numFmtId"] ?? 0);
      if (tag === "cellXfs") isOfCells = true;
      if (tag === "numFmt") codes.set(id, kindOfCode(attributes["formatCode"] ?? ""));
      if (tag === "xf" && isOfCells) kinds.push(codes.get(id) ?? kindOfBuiltIn(id));
    },
    close(tag) {
      if (tag === "cellXfs") isOfCells = false;
    },
  });
  return kinds;
}

async function parsePart(archive: ZipArchive, part: string, handler: XmlHandler): Promise<void> {
  const bytes = archive.sizeOf(part);
  if (bytes > MAX_PART_BYTES)
    throw new RangeError(`its part ${part} has ${bytes} bytes, more than ${MAX_PART_BYTES}`);
  const parser = new XmlParser(handler);
  for await (const chunk of archive.chunks(part)) parser.write(chunk);
  parser.end();
}

function isTrue(value: string | undefined): boolean {
  return value === "1" || value === "true";
}
