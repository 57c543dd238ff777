// Started as a process of its own: prints what `useBackend` says as one line of JSON.
// Arguments: URL of src/engine/backend.ts, backend that is asked for.
const [module, request] = process.argv.slice(2) as [string, "wasm"];
const { useBackend } = (await import(module)) as typeof import("../../src/engine/backend.ts");
const answer = await useBackend(request).catch(({ code, message }) => ({ code, message }));
console.log(JSON.stringify(answer));
