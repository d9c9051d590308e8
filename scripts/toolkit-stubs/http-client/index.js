export class HttpClient {
  constructor() {
    throw new Error('@actions/http-client is not part of this bundle: see scripts/toolkit-stubs')
  }
}
