/** A secret as it is, with what could be overlooked marked. What is selected and copied stays exact. */

import { codePoint, pieces } from "../logic/exact.ts";

interface Props {
  readonly secret: string;
  /** Places of characters that cannot be seen. */
  readonly unseen?: readonly number[];
}

export function Exact({ secret, unseen = [] }: Props) {
  return (
    <>
      {pieces(secret, unseen).map(({ text, is }, place) =>
        is === "seen" ? text : is === "space" ? (
          <mark key={place}>{text}</mark>
        ) : (
          // The style shows the number beside the character, which no selection takes along.
          <mark key={place} data-character={codePoint(text)}>
            {text}
          </mark>
        ),
      )}
    </>
  );
}
