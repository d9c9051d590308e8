export class HttpClient {
  constructor() {
    throw new Error('getIDToken() is not part of this bundle (scripts/toolkit-stubs)')
  }
}
