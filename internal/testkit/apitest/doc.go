// Package apitest boots the API on loopback for the tests of its routes: those of the HTTP adapter itself and those of the
// engines. Its callers are known by tokens that are their names, every reply is held against the OpenAPI document, and
// RoleMatrix asks each route as each caller.
//
//	api := apitest.Start(t, func(o *apitest.Options) { o.Engines = []httpapi.Routes{bookmarks.Routes(service)} })
//	reply := api.Do(apitest.Request{Path: "/api/bookmarks/user-student", Token: "student"})
package apitest
