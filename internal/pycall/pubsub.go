package pycall

var pubsubMethods = []line{
	{"publish", "channel, message, **kwargs", "PUBLISH channel message", asIs, nil},
	{"pubsub_channels", "pattern='*', **kwargs", "PUBSUB|CHANNELS pattern", asIs, nil},
	{"pubsub_numpat", "**kwargs", "PUBSUB|NUMPAT", asIs, nil},
	{"pubsub_numsub", "*args, **kwargs", "PUBSUB|NUMSUB *", pairs, nil},
	{"pubsub_shardchannels", "pattern='*', **kwargs", "PUBSUB|SHARDCHANNELS pattern", asIs, nil},
	{"pubsub_shardnumsub", "*args, **kwargs", "PUBSUB|SHARDNUMSUB *", pairs, nil},
	{"spublish", "shard_channel, message", "SPUBLISH shard_channel message", asIs, nil},
}
