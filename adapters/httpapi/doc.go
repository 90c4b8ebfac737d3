// Package httpapi is the HTTP server of Journey API: Fiber for the wire, Huma for typed routes and their OpenAPI
// document. It is the only importer of both.
//
// A request first passes the checks of its connection and head (sockets, request_head.go). Then comes the chain that
// New lists: correlation, access log, error mapping, recovery, CORS, and on a matched route limits, authentication and
// access. Then comes the route's handler. Every failure on that way ends in Server.fail, which alone writes failures,
// by the one table from code to status (failure_codes.go).
//
// A route is registered only by Handle (JSON) or Page (everything else). Both take a Route. Its access rule is
// enforced, documented and listed from that one value.
//
// The package strictjson reads the JSON of bodies and writes that of replies; what it finds wrong with a body becomes a
// violation.
package httpapi
