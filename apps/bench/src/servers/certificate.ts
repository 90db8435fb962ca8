import { join } from "node:path";

const FIXTURES = join(import.meta.dirname, "../../../../packages/transport/fixtures");

/** A certificate for 127.0.0.1 that signs itself, and its key, which everybody has. */
export const CERTIFICATE: string = join(FIXTURES, "test-only-cert.pem");
export const CERTIFICATE_KEY: string = join(FIXTURES, "test-only-key.pem");
