/** What `tags` chooses from unless `FOVEA_TAG_LABELS` names others. */
export const defaultLabels: readonly string[] = [
  ['a person', 'a group of people', 'a crowd', 'a child', 'a baby', 'a portrait', 'a selfie'],
  ['a cat', 'a dog', 'a bird', 'a horse', 'a fish', 'an insect', 'a wild animal', 'a cow'],
  ['a car', 'a truck', 'a bus', 'a bicycle', 'a motorcycle', 'a train', 'an aeroplane', 'a boat'],
  ['a rocket', 'an astronaut', 'a spacecraft', 'a road', 'a bridge', 'a railway station'],
  ['a city', 'a village', 'a building', 'a house', 'a church', 'a castle', 'a tower', 'a street'],
  ['a living room', 'a kitchen', 'a bathroom', 'a bedroom', 'an office', 'a shop', 'a classroom'],
  ['a factory', 'a construction site', 'a warehouse', 'a hospital', 'a laboratory', 'a museum'],
  ['a mountain', 'a forest', 'a field', 'a desert', 'a beach', 'the sea', 'a lake', 'a river'],
  ['a waterfall', 'a garden', 'a flower', 'a tree', 'snow', 'rain', 'a cloudy sky', 'a sunset'],
  ['the night sky', 'fire', 'smoke', 'a flood', 'an explosion', 'a storm', 'fog'],
  ['food', 'a drink', 'a cup of coffee', 'fruit', 'vegetables', 'bread', 'a cake', 'a meal'],
  ['a book', 'a document', 'a handwritten note', 'a receipt', 'a map', 'a chart', 'a screenshot'],
  ['a computer', 'a telephone', 'a television', 'a camera', 'a clock', 'a tool', 'a machine'],
  ['clothing', 'shoes', 'a bag', 'jewellery', 'furniture', 'a toy', 'a musical instrument'],
  ['a sport', 'a concert', 'a wedding', 'a party', 'a meeting', 'a demonstration', 'a game'],
  ['a painting', 'a drawing', 'a cartoon', 'a sculpture', 'a logo', 'a poster', 'graffiti'],
].flat();
