/**
 * What this browser keeps of its account, in IndexedDB. One transaction a write, durable when it completes. No record opens
 * the backup but a device's secrets, and those are sealed (`secrets.ts`).
 */

/** The library's own records, as it wrote them. */
export type Blob = "localState" | "pendingSave" | "enrolment" | "code";

/** This browser as a device, and its vault. */
export interface Own {
  readonly id: string;
  readonly label: string;
  readonly vault: string;
}

/** A device's secrets, sealed. */
export interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly bytes: ArrayBuffer;
  /** Names the secrets; absent in what an earlier version kept. */
  readonly id?: string;
}

interface Records {
  own: Own;
  localState: Uint8Array;
  pendingSave: Uint8Array;
  enrolment: Uint8Array;
  /** Never leaves the browser's key store: it is not extractable. */
  key: CryptoKey;
  secrets: Sealed;
  /** Of enrolments of which it is not known yet whether they took place, the newest last. */
  next: readonly Sealed[];
  /** What became of a recovery code that was handed out here. The code itself is never kept. */
  code: Uint8Array;
}

const NAME = "rootcellar";
const STORE = "state";
/** Which worker writes: the one that was started last. */
const HOLDER = "holder";

export class Storage {
  /** Another tab has taken over: nothing is written here any more. */
  isLost = false;
  private readonly holder = crypto.randomUUID();
  /** Who wrote before; this worker takes its place with its first write, where there was no room for the mark. */
  private before: unknown;

  private constructor(private readonly database: IDBDatabase) {}

  static async open(factory: IDBFactory = indexedDB): Promise<Storage> {
    const opening = factory.open(NAME, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error ?? new Error("storage"));
      opening.onblocked = () => reject(new Error("storage"));
    });
    // Somebody deletes the database, as browsers do with "clear site data".
    database.onversionchange = () => database.close();
    const storage = new Storage(database);
    const transaction = storage.begin();
    const store = transaction.objectStore(STORE);
    const asked = store.get(HOLDER);
    asked.onsuccess = () => {
      storage.before = asked.result;
      store.put(storage.holder, HOLDER);
    };
    // Without room for it everything can be read all the same.
    await completed(transaction).catch(() => undefined);
    return storage;
  }

  get<K extends keyof Records>(name: K): Promise<Records[K] | undefined> {
    const transaction = this.database.transaction(STORE, "readonly");
    const request: IDBRequest<Records[K] | undefined> = transaction.objectStore(STORE).get(name);
    return new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error("storage"));
    });
  }

  /** Writes and removes (`undefined`) records together: all of them, or none. */
  put(records: { readonly [K in keyof Records]?: Records[K] | undefined }): Promise<void> {
    return this.write((store) => {
      for (const [name, value] of Object.entries(records)) {
        if (value === undefined) store.delete(name);
        else store.put(value, name);
      }
    });
  }

  /** Forgets everything. */
  clear(): Promise<void> {
    return this.write((store) => {
      store.clear();
      store.put(this.holder, HOLDER);
    });
  }

  /** One transaction, which comes to nothing where another tab has taken over: this one may hear of that later. */
  private write(change: (store: IDBObjectStore) => void): Promise<void> {
    const transaction = this.begin();
    const store = transaction.objectStore(STORE);
    const asked = store.get(HOLDER);
    asked.onsuccess = () => {
      if (asked.result === this.before) store.put(this.holder, HOLDER);
      else if (asked.result !== this.holder) {
        this.isLost = true;
        return transaction.abort();
      }
      change(store);
    };
    return completed(transaction);
  }

  private begin(): IDBTransaction {
    return this.database.transaction(STORE, "readwrite", { durability: "strict" });
  }
}

function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("storage"));
  });
}
