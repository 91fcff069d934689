"""A story in two paragraphs, for pages whose markup or pictures are in question."""

URL = "https://news.example.org/2024/03/bridge"
LONG = (
    "The old bridge over the river was closed on Monday after engineers had found cracks in two of its piers, "
    "and nobody could say yesterday how long the repairs would take or what they would cost the town."
)
LATER = (
    "Until then the buses take the longer way through the valley, which the people of the upper town know from the "
    "winter of the great flood, when the water stood as high as the windows of the ground floor."
)
