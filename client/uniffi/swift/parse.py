"""Parses Swift sources by the grammar of tree-sitter, and fails where one does not follow it.

    parse.py FILE...
"""

import sys

import tree_sitter
import tree_sitter_swift

# An attribute for documentation tools alone, with an argument that the grammar does not know.
UNKNOWN = b"#if swift(>=5.8)\n%s@_documentation(visibility: private)\n#endif\n"
# A closure that gives back nothing, which the grammar takes for a tuple type, and one that it reads.
NOTHING, READABLE = b"let writeReturn = { () }", b"let writeReturn = {}"


def faults(node):
    if node.is_error or node.is_missing:
        yield node
    for child in node.children:
        if child.has_error:
            yield from faults(child)


def main(*files: str) -> int:
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_swift.language()))
    found = 0
    for file in files:
        with open(file, "rb") as source:
            text = source.read()
        for indent in (b"", b"    "):
            text = text.replace(UNKNOWN % indent, b"")
        tree = parser.parse(text.replace(NOTHING, READABLE))
        for node in faults(tree.root_node):
            print(f"{file}:{node.start_point.row + 1}: not Swift by the grammar: {node.text[:60]!r}")
            found += 1
        print(f"{file.rsplit('/', 1)[-1]}: {tree.root_node.named_child_count} declarations parsed")
        if tree.root_node.named_child_count == 0:
            found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
