// Package apitest boots the API on loopback for the tests of routes, those of the HTTP adapter and of the engines.
// Callers have tokens that are their names, every reply is checked against the OpenAPI document, and RoleMatrix calls
// each route as each caller.
//
//	api := apitest.Start(t, func(o *apitest.Options) { o.Engines = []httpapi.Routes{bookmarks.Routes(service)} })
//	reply := api.Do(apitest.Request{Path: "/api/bookmarks/user-student", Token: "student"})
package apitest
