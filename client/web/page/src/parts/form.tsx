/** Forms and their fields. What is typed stays in the inputs, is read when it is sent, and cleared when the screen is left. */

import { createContext, type ComponentChildren } from "preact";
import { useContext, useEffect, useId, useRef, useState } from "preact/hooks";
import { fieldsOf, InputFailure } from "../app/failure.ts";
import { hasSeveralLines, type Pasted } from "../logic/one-line.ts";
import { reasonText, wrongText } from "../texts/errors.ts";
import { useApp, useTexts, type Step } from "./context.ts";
import { FailureNotice } from "./failure-notice.tsx";

const StepContext = createContext<Step | null>(null);

/** What was typed into a form. */
export class Typed {
  private readonly data: FormData;

  constructor(form: HTMLFormElement) {
    this.data = new FormData(form);
  }

  /** As typed; the empty text where there is no such field. */
  text(name: string): string {
    const value = this.data.get(name);
    return typeof value === "string" ? value : "";
  }

  /** The values of the boxes of this name that are ticked. */
  ticked(name: string): readonly string[] {
    return this.data.getAll(name).filter((value) => typeof value === "string");
  }

  /** Fails where nothing was typed. */
  needed(name: string): string {
    const text = this.text(name);
    if (text.trim() === "") {
      throw new InputFailure(name, "empty");
    }
    return text;
  }
}

interface FormProps {
  readonly name: string;
  readonly step: Step;
  readonly onSubmit: (typed: Typed) => Promise<void>;
  readonly children: ComponentChildren;
  /** Between the failure and the buttons: what a person has to agree to. */
  readonly consent?: ComponentChildren;
  /** After the failure, where there is one: the buttons. */
  readonly actions: ComponentChildren;
}

export function Form({ name, step, onSubmit, children, consent, actions }: FormProps) {
  const app = useApp();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const element = form.current;
    return () => element?.querySelectorAll("input, textarea").forEach(clear);
  }, []);
  // A field that is wrong takes the focus.
  useEffect(() => {
    const fields = fieldsOf(step.failure).map((field) => form.current?.querySelector<HTMLElement>(`[name="${CSS.escape(field)}"]`));
    const field = fields.find((found) => found !== null && found !== undefined);
    // It may be folded away.
    field?.closest("details")?.setAttribute("open", "");
    field?.focus();
  }, [step.failure]);
  return (
    <form
      ref={form}
      data-form={name}
      noValidate
      onInput={(event) => {
        // What was wrong is being corrected.
        const { name: field } = event.target as Partial<HTMLInputElement>;
        if (step.failure?.code === "input" && fieldsOf(step.failure).includes(field ?? "")) {
          step.fail(null);
        }
      }}
      onSubmit={(event) => {
        event.preventDefault();
        const element = event.currentTarget;
        if (app.state.warns) {
          // Who goes on has read it.
          app.set({ notice: null });
        }
        step.run(async () => {
          const [first, ...rest] = emptyIn(element);
          if (first !== undefined) {
            throw new InputFailure(first, "empty", [first, ...rest]);
          }
          await onSubmit(new Typed(element));
        });
      }}
    >
      <StepContext.Provider value={step}>{children}</StepContext.Provider>
      <FailureNotice step={step} />
      {consent}
      <div class="actions">{actions}</div>
    </form>
  );
}

/** The fields that need something and have nothing: all are marked at once. */
function emptyIn(form: HTMLFormElement): string[] {
  const needed = [...form.querySelectorAll<HTMLInputElement>('[aria-required="true"]')].filter((field) => !field.closest("[inert]"));
  return needed.filter(({ type, checked, value }) => (type === "checkbox" ? !checked : value.trim() === "")).map(({ name }) => name);
}

function clear(element: Element): void {
  if (element instanceof HTMLTextAreaElement || (element instanceof HTMLInputElement && element.type !== "radio")) {
    element.value = "";
  }
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint?: string | undefined;
  /** Something to check that is taken all the same. */
  readonly warning?: string | undefined;
  readonly type?: "text" | "password" | "url" | "number" | "textarea";
  readonly initial?: string;
  /** As in HTML; `off` also turns off spelling, capitals and corrections. */
  readonly autocomplete?: string;
  readonly optional?: boolean;
  readonly onInput?: (text: string) => void;
  readonly readOnly?: boolean;
}

export function Field(props: FieldProps) {
  const { name, label, hint, type = "text", initial, autocomplete = "off", optional = false, onInput } = props;
  const texts = useTexts();
  const step = useContext(StepContext);
  const [shown, setShown] = useState(false);
  const id = useId();
  const failure = step?.failure ?? null;
  const [pastedLines, setPastedLines] = useState(false);
  const wrong = pastedLines
    ? reasonText(texts, "several-lines")
    : failure !== null && fieldsOf(failure).includes(name)
      ? wrongText(texts, failure)
      : null;
  /** A browser would join the lines silently: another passphrase, which nobody sees. */
  const refuseLines = (event: Event, pasted: Pasted): void => {
    const isRefused = hasSeveralLines(pasted);
    setPastedLines(isRefused);
    if (isRefused) {
      event.preventDefault();
    }
  };
  const described = [hint !== undefined && `${id}-hint`, wrong !== null && `${id}-wrong`].filter(Boolean).join(" ");
  const common = {
    id,
    name,
    autocomplete,
    autocapitalize: "off",
    autocorrect: "off",
    spellcheck: false,
    readOnly: props.readOnly ?? false,
    "aria-describedby": described === "" ? undefined : described,
    "aria-invalid": wrong !== null,
    "aria-required": !optional,
    defaultValue: initial,
  } as const;
  return (
    <div class="field">
      <label for={id}>
        {label}
        {optional && <span class="quiet"> ({texts.optional})</span>}
      </label>
      <div class="input-row">
        {type === "textarea" ? (
          <textarea {...common} rows={3} onInput={(event) => onInput?.(event.currentTarget.value)} />
        ) : (
          <input
            {...common}
            type={(type === "password" && shown) || type === "number" ? "text" : type as "text"}
            inputMode={type === "number" ? "numeric" : type === "url" ? "url" : undefined}
            dir={type === "url" ? "ltr" : undefined}
            onInput={(event) => {
              setPastedLines(false);
              onInput?.(event.currentTarget.value);
            }}
            onPaste={(event) => refuseLines(event, event.clipboardData)}
            onDrop={(event) => refuseLines(event, event.dataTransfer)}
          />
        )}
        {type === "password" && (
          <button
            type="button"
            class="button quiet"
            aria-pressed={shown}
            aria-label={`${shown ? texts.hide : texts.show}: ${label}`}
            onClick={() => setShown(!shown)}
          >
            {shown ? texts.hide : texts.show}
          </button>
        )}
      </div>
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {props.warning !== undefined && (
        <p class="notice warn" role="status">
          {props.warning}
        </p>
      )}
      {wrong !== null && (
        <p class="wrong" id={`${id}-wrong`}>
          {wrong}
        </p>
      )}
    </div>
  );
}

interface CheckProps {
  readonly name: string;
  readonly children: ComponentChildren;
}

/** A box that is to be ticked. */
export function Check({ name, children }: CheckProps) {
  const texts = useTexts();
  const step = useContext(StepContext);
  const id = useId();
  const failure = step?.failure ?? null;
  const isWrong = fieldsOf(failure).includes(name);
  return (
    <div class="field">
      <label class="check">
        <input type="checkbox" name={name} value="yes" aria-required aria-describedby={isWrong ? id : undefined} aria-invalid={isWrong} />
        <span>{children}</span>
      </label>
      {isWrong && (
        <p class="wrong" id={id}>
          {texts.reasons["not-saved"]}
        </p>
      )}
    </div>
  );
}

interface ChoicesProps<Value extends string> {
  readonly name: string;
  readonly label: string;
  readonly value: Value;
  readonly options: readonly { readonly value: Value; readonly label: string; readonly text?: string }[];
  readonly onChange: (value: Value) => void;
}

/** One of several. */
export function Choices<Value extends string>({ name, label, value, options, onChange }: ChoicesProps<Value>) {
  return (
    <fieldset class="choices">
      <legend>{label}</legend>
      {options.map((option) => (
        <label key={option.value} class="check">
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          <span>
            <strong>{option.label}</strong>
            {option.text !== undefined && <span class="hint">{option.text}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
