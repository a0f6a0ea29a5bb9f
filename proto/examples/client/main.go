// Command client lists the public proposals of a fiscal year over gRPC.
package main

import (
	"context"
	"fmt"
	"log"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

func main() {
	conn, err := grpc.NewClient("127.0.0.1:9090", grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	// With a token: metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
	list, err := proposalsv1.NewProposalServiceClient(conn).ListProposals(context.Background(), &proposalsv1.ListProposalsRequest{FiscalYear: 2002})
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range list.GetProposals() {
		fmt.Println(p.GetNumber(), p.GetTitle(), p.GetOrganizationName())
	}
}
