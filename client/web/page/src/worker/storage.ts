/**
 * What this browser keeps of its account, in IndexedDB. One transaction a write, durable when it completes. No record opens
 * the backup but a device's secrets, and those are sealed (`secrets.ts`).
 */

/** The library's own records, as it wrote them. */
export type Blob = "memory" | "pending" | "enrolment";

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
}

interface Records {
  own: Own;
  memory: Uint8Array;
  pending: Uint8Array;
  enrolment: Uint8Array;
  /** Never leaves the browser's key store: it is not extractable. */
  key: CryptoKey;
  secrets: Sealed;
  /** Of an enrolment of which it is not known yet whether it took place. */
  next: Sealed;
}

const NAME = "rootcellar";
const STORE = "kept";

export class Storage {
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
    return new Storage(database);
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
    const transaction = this.database.transaction(STORE, "readwrite", { durability: "strict" });
    const store = transaction.objectStore(STORE);
    for (const [name, value] of Object.entries(records)) {
      if (value === undefined) store.delete(name);
      else store.put(value, name);
    }
    return completed(transaction);
  }

  /** Forgets everything. */
  clear(): Promise<void> {
    const transaction = this.database.transaction(STORE, "readwrite", { durability: "strict" });
    transaction.objectStore(STORE).clear();
    return completed(transaction);
  }
}

function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("storage"));
  });
}
