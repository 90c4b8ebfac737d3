// Package httpapi is the HTTP face of Journey API: Fiber for the wire, Huma for typed routes and their OpenAPI document.
// It is the only importer of both.
//
// A request meets, in this order: the refusals of what is no request (sockets, request_head.go), then the chain that New lists: correlation, access
// log, error mapping, recovery, CORS, and on a matched route limits, authentication and access; then the route's handler.
// Whatever fails on that way, or on the socket before it, ends in Server.fail, which alone writes failures, by the one
// table from code to status (failure_codes.go).
//
// A route is registered by Handle (JSON) or Page (everything else) and in no other way. Both take a Route, whose access
// rule is enforced, documented and listed from that one value.
package httpapi
